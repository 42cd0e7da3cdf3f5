run:ask { title = "Go on?", to = "bench", fields = { { name = "yes", type = "boolean" } } }
