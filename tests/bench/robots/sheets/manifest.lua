return {
  title = { en = "Sheets: how fast every cell of a workbook is visited" },
  owner = "bench",
  inputs = {
    file = { type = "file", label = { en = "A workbook by mixed.py" } },
    rows = { type = "number", label = { en = "How many rows it has" } },
  },
  limits = { cpu = "10 min" },
}
