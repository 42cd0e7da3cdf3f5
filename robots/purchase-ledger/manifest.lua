return {
  title = {
    en = "Purchase ledger check",
    fi = "Ostoreskontran tarkastus",
    sv = "Kontroll av inköpsreskontran",
  },
  owner = "finance",
  deputy = "finance-systems",
  review = "2027-11-01",
  inputs = {
    lines = {
      type = "file",
      accept = { ".csv", ".xlsx" },
      label = {
        en = "Purchase-ledger lines of the month",
        fi = "Kuukauden ostoreskontrarivit",
        sv = "Månadens reskontrarader",
      },
    },
    control_total = {
      type = "decimal",
      label = { en = "Control total of the extract", fi = "Poiminnan tarkistussumma", sv = "Utdragets kontrollsumma" },
    },
    period = {
      type = "month",
      default = "previous",
      label = { en = "Month", fi = "Kuukausi", sv = "Månad" },
    },
  },
  permits = {
    http = { { "GET", "https://ledger.example/api/*", login = "ledger" } },
    mail = { to = { "month-end@finance.example" } },
  },
  limits = { memory = "256 MB", cpu = "5 min", time = "30 min" },
  retry = { attempts = 3, wait = "1 min" },
  benefit = { minutes_per_item = 1, measured = "2026-10-01" },
}
