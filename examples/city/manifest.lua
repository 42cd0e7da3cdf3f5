-- The city's legacy systems as far as the two robots need them: `renki fake examples/city lines=FILE`.
return {
  systems = {
    ["https://ledger.example"] = 18080,
    ["https://receivables.example"] = 18081,
  },
  mail = 18025,
  inputs = {
    lines = { type = "file", accept = { ".csv" }, label = { en = "The lines that the ledger holds" } },
  },
}
