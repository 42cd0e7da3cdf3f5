return { title = { en = "Computes until it is ended: what a run weighs" }, owner = "bench", limits = { cpu = "1 min" } }
