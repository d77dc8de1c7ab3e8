"""Read exports of source systems (数据源) into canonical records, losing nothing."""
