return {
  title = { en = "Calls: how many a second" },
  owner = "bench",
  inputs = {
    calls = { type = "number", label = { en = "How many calls" } },
    at_once = { type = "number", default = 1, label = { en = "How many at a time" } },
  },
  permits = { http = { { "GET", "http://127.0.0.1:PORT/ok" } } },
  limits = { cpu = "5 min" },
}
