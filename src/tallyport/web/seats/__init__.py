"""Who sits where (席位): what the portal's own database knows of people beyond their passwords."""
