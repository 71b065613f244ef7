// SPDX-License-Identifier: GPL-3.0-or-later
// What makeNeighbours looks for in the part that talks to Avahi.
#include "nearby/avahineighbours.h"

#include <utility>

extern "C" Q_DECL_EXPORT restante::nearby::Neighbours *
restante_make_neighbours(restante::nearby::Neighbours::Listener *listener);

restante::nearby::Neighbours *restante_make_neighbours(restante::nearby::Neighbours::Listener *listener)
{
    return new restante::nearby::AvahiNeighbours(std::move(*listener));
}
