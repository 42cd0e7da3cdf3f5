-- The project's own root is a workspace too: `renki check`, `renki test` work here. What a host can set is described in
-- runner/lib/manifest/README.md; the demonstration makes a workspace of its own in build/demo.
return {
  timezone = "Europe/Helsinki",
}
