// SPDX-License-Identifier: GPL-3.0-or-later
// To be preloaded into a program, or linked into a test: makes one stretch of one file unreadable while the program
// runs. The stretch stands in the file that RESTANTE_FAULTY_READS names, which the test writes through memory: a
// FaultyStretch.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "faultystretch.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace
{

using namespace restante::test;

FaultyStretch *openStretch()
{
    const char *name = std::getenv("RESTANTE_FAULTY_READS");
    const int file = name ? ::open(name, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return nullptr;
    void *memory = ::mmap(nullptr, sizeof(FaultyStretch), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    return memory == MAP_FAILED ? nullptr : static_cast<FaultyStretch *>(memory);
}

/// The stretch if there is a fault and this read meets it.
FaultyStretch *met(int file, size_t count, off64_t offset)
{
    static FaultyStretch *const stretch = openStretch();
    if (!stretch || stretch->fault == FaultyStretch::None || offset < 0)
        return nullptr;
    const auto begin = uint64_t(offset);
    struct stat status {
    };
    if (begin >= stretch->end || begin + count <= stretch->begin || ::fstat(file, &status) != 0)
        return nullptr;
    return status.st_dev == stretch->device && status.st_ino == stretch->inode ? stretch : nullptr;
}

using Read = ssize_t (*)(int, void *, size_t, off64_t);

ssize_t readFaulty(Read read, int file, void *buffer, size_t count, off64_t offset)
{
    FaultyStretch *stretch = met(file, count, offset);
    if (!stretch)
        return read(file, buffer, count, offset);
    ++stretch->hits;
    if (stretch->fault == FaultyStretch::Error) {
        errno = EIO;
        return -1;
    }
    const ssize_t got = read(file, buffer, count, offset);
    constexpr int rubbish = 0xa5;
    if (got > 0)
        std::memset(buffer, rubbish, size_t(got));
    return got;
}

} // namespace

extern "C" {
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library's own have reserved names
ssize_t pread64(int file, void *buffer, size_t count, off64_t offset)
{
    static const auto read = reinterpret_cast<Read>(::dlsym(RTLD_NEXT, "pread64"));
    return readFaulty(read, file, buffer, count, offset);
}

ssize_t pread(int file, void *buffer, size_t count, off_t offset)
{
    static const auto read = reinterpret_cast<Read>(::dlsym(RTLD_NEXT, "pread"));
    return readFaulty(read, file, buffer, count, offset);
}

/// Qt's files are read where they stand.
ssize_t read(int file, void *buffer, size_t count)
{
    static const auto read = reinterpret_cast<ssize_t (*)(int, void *, size_t)>(::dlsym(RTLD_NEXT, "read"));
    const auto plain = [](int from, void *to, size_t most, off64_t) { return read(from, to, most); };
    return readFaulty(plain, file, buffer, count, ::lseek64(file, 0, SEEK_CUR));
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
}
