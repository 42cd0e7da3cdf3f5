return {
  title = { en = "A ledger with every fault there is" },
  owner = "tests",
  limits = { time = "10 min" },
}
