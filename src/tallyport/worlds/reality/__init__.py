"""What really happened (真实世界) in a simulated trade: no typing error has touched it yet."""
