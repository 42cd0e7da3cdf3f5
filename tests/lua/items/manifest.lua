return {
  title = "items", owner = "tests",
  inputs = { case = { type = "text" } },
  permits = {
    queues = { filled = "fill", worked = "work", both = "both" },
    robots = { "child" },
  },
}
