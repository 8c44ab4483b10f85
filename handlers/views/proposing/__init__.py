"""The form that proposes a deletion, and the view that shows what would go before it is proposed."""
