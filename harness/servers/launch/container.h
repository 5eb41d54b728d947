// container: a server from its published image, run by docker or podman.
//
// The image is pulled when it is not there. `ENGINE run --rm` stays in the foreground, so that its
// output is the server's log and its end is the server's end; the sources are mounted read-only,
// the server's port is published on 127.0.0.1 only, at a free port. The container is stopped by its
// id, which the engine writes into a file of the run folder, also when the server does not become
// ready. Version: the image's label, its tag otherwise, and its digest. Processes are named only
// where /proc knows them as this container's: not behind a virtual machine. Errors: kNotFound (no
// engine), kUnsupported (a setting of the installed program), kIo (pull, start) with the engine's
// last lines and what to do. A harness that is killed by signal 9 leaves its containers: `ENGINE
// ps` shows them.
#pragma once

#include <memory>

#include "harness/servers/server.h"

namespace iiifbench {

// CHECKs that it has a published image.
Result<std::unique_ptr<RunningServer>> StartContainer(const Server& server,
                                                      const ServerSettings& settings);

}  // namespace iiifbench
