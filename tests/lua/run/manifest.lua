return {
  title = "A robot for tests of the run object",
  owner = "renki",
  inputs = {
    case = { type = "text" },
    amount = { type = "decimal", required = false },
    day = { type = "date", required = false },
    month = { type = "month", default = "previous" },
    names = { type = "list", default = {} },
  },
  permits = {},
}
