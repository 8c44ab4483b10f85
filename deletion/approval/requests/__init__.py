"""From what somebody asks for to the plan that people approve."""
