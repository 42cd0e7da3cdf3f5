// See scaffold.h. A new robot passes `renki check` and `renki test` as it is.
#include "host/scaffold.h"

#include "host/repo/repo.h"
#include "lib/base/file.h"

#include <fcntl.h>
#include <unistd.h>

// {1} is the robot's name.
static const struct {
    const char *name, *content;
} robot_files[] = {
    {"manifest.lua",
     "-- What this robot is, what it is given, what it may touch.\n"
     "return {\n"
     "  title = { en = \"{1}\" },\n"
     "  owner = \"office\",\n"
     "  inputs = {\n"
     "    name = { type = \"text\", default = \"world\", label = { en = \"Whom to greet\" } },\n"
     "  },\n"
     "}\n"},
    {"robot.lua", "-- Read from top to bottom: what is given, the work, the report.\n"
                  "run:log(\"hello, %s\", run.inputs.name)\n"
                  "\n"
                  "run:step(\"greet\", function()\n"
                  "  return \"hello, \" .. run.inputs.name\n"
                  "end)\n"},
    {"tests/greets.lua", "-- Tests run offline: `renki test {1}`.\n"
                         "local test = require \"test\"\n"
                         "\n"
                         "test.case(\"it greets whom it is told to greet\", function()\n"
                         "  local run = test.run_robot { inputs = { name = \"Aino\" } }\n"
                         "  test.equal(run.state, \"done\")\n"
                         "end)\n"},
    {"README.md", "# {1}\n"
                  "\n"
                  "What the robot does, for whom, and what to do when it stops.\n"
                  "\n"
                  "    renki check {1}      reads it and tells what is wrong\n"
                  "    renki test {1}       runs its tests, offline\n"
                  "    renki run {1} --draft name=Aino\n"
                  "    renki save {1}       keeps what you changed as a version\n"},
};

static const char settings[] =
    "-- The settings of this workspace. What is left out has its default.\n"
    "return {\n"
    "{1}"
    "  language = \"en\",               -- of messages: en, fi, sv\n"
    "  timezone = \"Europe/Helsinki\",\n"
    "  -- shares  = { inbox = \"/srv/inbox\" },      folders that manifests may ask for\n"
    "  -- mail    = { server = \"smtp://smtp.example:587\", from = \"Renki <renki@city.example>\" },\n"
    "}\n";

const char *const scaffold_workspace_files[] = {"renki.lua", ".gitignore", "robots/README.md", NULL};
static const char *const workspace_contents[] = {
    settings,
    ".renki/\n",
    "# robots\n"
    "\n"
    "Each folder is a robot: `manifest.lua` says what it is and may touch, `robot.lua` what it does, "
    "`tests/` that it does\n"
    "so. Modules that several robots share are in `lib/`. A new one: `renki new robot NAME`.\n",
};

static bool write_new(struct json_writer *out, const char *path, const char *template, const char *argument,
                      struct err *err)
{
    SCOPED_BUF(content, 8192);
    if (access(path, F_OK) == 0)
        return true;
    if (!catalogue_fill(&content, template, &argument, 1))
        return fail(err, ERR_LIMIT_PASSED, path, "8 KB");
    if (!file_write(AT_FDCWD, path, buf_text(&content), 0644, err))
        return false;
    json_write_string(out, path);
    return true;
}

bool scaffold_robot(struct json_writer *out, const char *robot, struct err *err)
{
    if (!robot_name_is_valid(robot))
        return fail(err, ERR_ROBOT_NAME, robot);
    SCOPED_TEXT char *folder = xasprintf("robots/%s", robot);
    SCOPED_TEXT char *tests = xasprintf("robots/%s/tests", robot);
    if (access(folder, F_OK) == 0)
        return fail(err, ERR_ROBOT_EXISTS, robot);
    if (!file_make_folder(tests, err))
        return false;
    json_begin_array(out);
    for (size_t i = 0; i < COUNT_OF(robot_files); i++) {
        SCOPED_TEXT char *path = xasprintf("%s/%s", folder, robot_files[i].name);
        if (!write_new(out, path, robot_files[i].content, robot, err))
            return false;
    }
    json_end_array(out);
    return true;
}

bool scaffold_workspace(struct json_writer *out, const char *user, struct err *err)
{
    SCOPED_TEXT char *line =
        user ? xasprintf("  user = \"%s\",                 -- who runs renki when root starts it\n", user)
             : xstrdup("");
    if (!file_make_folder("robots", err))
        return false;
    json_begin_array(out);
    for (size_t i = 0; scaffold_workspace_files[i]; i++)
        if (!write_new(out, scaffold_workspace_files[i], workspace_contents[i], line, err))
            return false;
    json_end_array(out);
    return true;
}
