// The peer of robots/sheets: npm's xlsx. sheetjs.js FOLDER-OF-MODULES FILE ROWS prints the seconds of computing.
const XLSX = require(process.argv[2] + "/xlsx");
const begun = process.cpuUsage();
const book = XLSX.readFile(process.argv[3], { dense: true, cellDates: true });
const page = book.Sheets[book.SheetNames[0]];
let cells = 0;
for (const row of page["!data"] || page) for (const cell of row) if (cell && cell.v !== undefined) cells++;
if (cells !== (Number(process.argv[4]) + 1) * 10) throw new Error("cells: " + cells);
const used = process.cpuUsage(begun);
console.log(((used.user + used.system) / 1e6).toFixed(3));
