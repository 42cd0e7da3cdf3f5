-- Where it listens; the tests take free ports.
return { systems = { ["https://ledger.example"] = 18380 } }
