"""The buttons of cards and threads, and the forms behind them."""
