// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/servername.h"

#include <functional>

namespace restante::queue
{

class Client;

/// Whether the owner of `destination` has come to know `origin` by taking its mail on two different days (promise 6),
/// as was written down last. Those listed in the settings are not looked up. `done` comes in the client's thread, not
/// from inside the call; false, too, if that cannot be read just now.
void askIfLearned(Client &client, const matrix::ServerName &destination, const matrix::ServerName &origin,
                  std::function<void(bool)> done);

} // namespace restante::queue
