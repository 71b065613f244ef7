// SPDX-License-Identifier: GPL-3.0-or-later
// Three-way merge of settings: what the file holds, what runs, what the operator made of it.
#include "settings/fieldtable.h"

#include <algorithm>
#include <type_traits>

namespace restante::settings
{

namespace
{
template <typename T>
const T &nameOf(const T &element)
{
    return element;
}
const matrix::ServerName &nameOf(const ServedEntry &entry)
{
    return entry.name;
}
QString nameOf(const RelayEntry &entry)
{
    return entry.key();
}

template <typename T>
constexpr bool isMerged = false;
template <typename T>
constexpr bool isMerged<QList<T>> = true;

template <typename T, typename Name>
auto findNamed(T &list, const Name &name)
{
    return std::find_if(list.begin(), list.end(), [&name](const auto &element) { return nameOf(element) == name; });
}

template <typename T>
QList<T> mergeLists(const QList<T> &saved, const QList<T> &effective, const QList<T> &edited)
{
    if (saved == effective)
        return edited;
    QList<T> merged = saved;
    for (const T &element : effective) {
        if (findNamed(edited, nameOf(element)) == edited.end())
            merged.removeIf([&element](const T &other) { return nameOf(other) == nameOf(element); });
    }
    for (const T &element : edited) {
        const auto ran = findNamed(effective, nameOf(element));
        if (ran != effective.end() && *ran == element)
            continue; // the operator left it alone
        if (const auto held = findNamed(merged, nameOf(element)); held != merged.end())
            *held = element;
        else
            merged.append(element);
    }
    return merged;
}

template <typename T>
void takeOver(const QList<T> &saved, QList<T> &effective, QList<T> &edited)
{
    const QList<T> ran = effective;
    for (const T &element : ran) {
        const auto name = nameOf(element);
        const auto isNamed = [&name](const T &other) { return nameOf(other) == name; };
        if (std::count_if(edited.cbegin(), edited.cend(), isNamed) < 2 || findNamed(saved, name) != saved.end())
            continue;
        edited.erase(findNamed(edited, name));
        effective.erase(findNamed(effective, name));
    }
}
} // namespace

void takeOverFromOptions(const Settings &saved, Settings &effective, Settings &edited)
{
    takeOver(saved.served, effective.served, edited.served);
    takeOver(saved.relays, effective.relays, edited.relays);
    takeOver(saved.ownRelays, effective.ownRelays, edited.ownRelays);
}

Settings mergeEdited(const Settings &saved, const Settings &effective, const EditedSettings &edited)
{
    Settings merged = saved;
    for (const Field &field : fields()) {
        if (edited.named.contains(field.key)) {
            field.copy(edited, merged);
            continue;
        }
        if (field.equal(effective, edited))
            continue;
        std::visit(
            [&](auto pointer) {
                using Value = std::decay_t<decltype(saved.*pointer)>;
                if constexpr (isMerged<Value>)
                    merged.*pointer = mergeLists(saved.*pointer, effective.*pointer, edited.*pointer);
                else
                    merged.*pointer = edited.*pointer;
            },
            field.member);
    }
    return merged;
}

} // namespace restante::settings
