return {
  title = { en = "Lines: how fast a text file of ten columns is read" },
  owner = "bench",
  inputs = { file = { type = "file", accept = { ".csv" }, label = { en = "What bench_lines made" } } },
  limits = { cpu = "10 min", output = "2 GB" },
}
