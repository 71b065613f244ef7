// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>

namespace restante::test
{

/// Which reads faultyreads.cpp spoils, in memory that it shares with the test.
struct FaultyStretch {
    enum Fault : uint64_t { None, Error, WrongBytes };

    std::atomic<uint64_t> fault; ///< written last, and taken away first
    std::atomic<uint64_t> device;
    std::atomic<uint64_t> inode;
    std::atomic<uint64_t> begin;
    std::atomic<uint64_t> end;
    std::atomic<uint64_t> hits; ///< reads that met it
};

} // namespace restante::test
