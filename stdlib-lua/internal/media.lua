--- Kinds of content by the suffix of a file's name, for uploads and attachments.
local media = {}

local TYPES = {
  csv = "text/csv", gif = "image/gif", htm = "text/html", html = "text/html", ics = "text/calendar",
  jpeg = "image/jpeg", jpg = "image/jpeg", json = "application/json", md = "text/markdown", ods =
  "application/vnd.oasis.opendocument.spreadsheet", odt = "application/vnd.oasis.opendocument.text",
  pdf = "application/pdf", png = "image/png", txt = "text/plain", xls = "application/vnd.ms-excel",
  docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  xml = "application/xml", zip = "application/zip",
}

--- ```lua
--- media.type_of "report.PDF"   --> application/pdf
--- ```
---@param name string
---@return string
function media.type_of(name)
  return TYPES[(name:match "%.(%w+)$" or ""):lower()] or "application/octet-stream"
end

--- The last part of a path.
---@param path string
---@return string
function media.name_of(path)
  return path:match "([^/]*)$"
end

--- A line that stands in no text: 96 random bits.
---@return string
function media.boundary()
  return ("%016x%08x"):format(math.random(0), math.random(0) >> 32)
end

return media
