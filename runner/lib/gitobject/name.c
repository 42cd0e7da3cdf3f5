// See gitobject.h. Names that some file system takes for others: git's own is_ntfs_dotgit and is_hfs_dotgit are the
// models, and more is refused than they do, for nobody needs such names.
#include "lib/gitobject/gitobject.h"

// Characters that HFS+ passes over, and those that turn the direction of writing: a name could look like another.
static bool is_ignorable(uint32_t c)
{
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0xFEFF || c == 0x00AD;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

static bool is_plain_text(struct text name)
{
    for (size_t at = 0; at < name.length;) {
        uint32_t c;
        const size_t size = text_utf8_decode(text_of(name.data + at, name.length - at), &c);
        if (size == 0 || is_control(c) || c == '/' || c == '\\' || is_ignorable(c))
            return false;
        at += size;
    }
    return true;
}

// As NTFS reads it: without a stream's name behind a colon, without dots and spaces at its end.
static struct text ntfs_name(struct text name)
{
    const char *colon = memchr(name.data, ':', name.length);
    if (colon)
        name.length = (size_t)(colon - name.data);
    while (name.length && (name.data[name.length - 1] == '.' || name.data[name.length - 1] == ' '))
        name.length--;
    return name;
}

// "git~1" is ".git" where there are short names, "gitmod~1" and "gi7eba~1" are ".gitmodules".
static bool is_short_name_of_git(struct text name)
{
    const char *tilde = memchr(name.data, '~', name.length);
    if (!tilde || name.length < 3 || !text_equal_ascii_case(text_of(name.data, 2), TEXT_OF("gi")))
        return false;
    const size_t from = (size_t)(tilde - name.data) + 1;
    for (size_t i = from; i < name.length; i++)
        if (name.data[i] < '0' || name.data[i] > '9')
            return false;
    return from < name.length;
}

bool gitobject_name_is_safe(struct text name)
{
    if (name.length == 0 || name.length > GITOBJECT_NAME_MAX || text_is(name, ".") || text_is(name, ".."))
        return false;
    const struct text short_form = ntfs_name(name);
    return !text_equal_ascii_case(short_form, TEXT_OF(".git")) && !is_short_name_of_git(short_form) &&
           is_plain_text(name);
}
