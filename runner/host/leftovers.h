// Run folders that nobody comes back to: a host that was killed leaves them. In the host.
//
// 1. Once a day, before the host confines itself: .renki/runs cannot be listed, even by its owner (decision 6), and is made
//    readable only for the moment in which it is opened.
// 2. A folder goes when nothing has been made in it for two days and no run that may go on has it.
#ifndef RENKI_HOST_LEFTOVERS_H
#define RENKI_HOST_LEFTOVERS_H

struct host;
void leftovers_sweep(struct host *host);

#endif
