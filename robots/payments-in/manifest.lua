return {
  title = {
    en = "Incoming reference payments",
    fi = "Saapuvat viitemaksut",
    sv = "Inkommande referensbetalningar",
  },
  owner = "finance",
  deputy = "finance-systems",
  review = "2027-11-01",
  inputs = {
    payments = {
      type = "file",
      accept = { ".txt" },
      label = {
        en = "Payment file of the ledger (MR_OUT_….TXT)",
        fi = "Kirjanpidon maksutiedosto (MR_OUT_….TXT)",
        sv = "Bokföringens betalningsfil (MR_OUT_….TXT)",
      },
    },
  },
  permits = {
    http = {
      { "GET", "https://receivables.example/api/*", login = "receivables" },
      { "POST", "https://receivables.example/api/allocations/", login = "receivables" },
    },
    mail = { to = { "collection@finance.example" } },
  },
  limits = { memory = "128 MB", cpu = "2 min", time = "15 min" },
  retry = { attempts = 3, wait = "1 min" },
}
