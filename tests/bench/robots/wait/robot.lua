-- Computes until it is ended: what a run weighs.
while true do end
