return {
  title = { en = "The city's finance systems, simulated" },
  owner = "finance-systems",
  inputs = {
    lines = { type = "file", accept = { ".csv" }, label = { en = "The lines that the ledger holds" } },
  },
  limits = { memory = "256 MB", cpu = "1 h", time = "24 h" },
}
