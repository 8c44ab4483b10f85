"""What keeps an approved deletion, or all of them, from going on: holds, freezes, a record in doubt."""
