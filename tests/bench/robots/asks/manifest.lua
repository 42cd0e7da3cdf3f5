return { title = "Asks and waits", owner = "bench" }
