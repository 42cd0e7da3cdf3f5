return { title = { en = "Nothing: what a run costs by itself" }, owner = "bench" }
