return { title = { en = "Steps without effects: what writing each down costs" }, owner = "bench" }
