-- Where the simulated systems listen, on this machine only. `renki fake --free-ports` takes others.
return {
  systems = {
    ["https://ledger.example"] = 18080,
    ["https://receivables.example"] = 18081,
  },
  mail = 18025,
}
