// Which shared libraries a fork of the zygote gets. In the zygote, before it shuts itself in.
//
// The binary is one for all roles, so the loader maps what the host and the gateway need (databases, git, TLS, some 40
// libraries) into the zygote too. What no worker calls is not copied to forks: they are made and ended faster, and a
// robot that breaks out of Lua finds less code.
#ifndef RENKI_LIBRARIES_H
#define RENKI_LIBRARIES_H

// The loader must have bound all functions at once (LD_BIND_NOW, set by lib/process): looking one up later would read
// libraries that are not there. Without that, all stay.
void libraries_keep_needed(void);

#endif
