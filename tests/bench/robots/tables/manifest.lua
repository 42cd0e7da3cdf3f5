return {
  title = { en = "Tables: how fast they are written and read" },
  owner = "bench",
  inputs = { rows = { type = "number", label = { en = "How many rows of ten columns" } } },
  limits = { cpu = "10 min", output = "2 GB" },
}
