// SPDX-License-Identifier: GPL-3.0-or-later
#include "nearby/neighbours.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QFile>
#include <QtCore/QLibrary>

#include <utility>

namespace restante::nearby
{

namespace
{
/// Does nothing, for a reason.
class NoNeighbours final : public Neighbours
{
public:
    explicit NoNeighbours(QString reason)
        : m_reason(std::move(reason))
    {
    }
    void want(const Wish &wish) override { m_wish = wish; }
    Standing standing() const override { return {false, false, m_wish.isNothing() ? QString() : m_reason}; }

private:
    const QString m_reason;
    Wish m_wish;
};

using MakePart = Neighbours *(*)(Neighbours::Listener *listener);
} // namespace

QString partFile()
{
    const QString name = QStringLiteral("/restante_avahi.so");
    const QString here = QCoreApplication::applicationDirPath();
    return QFile::exists(here + name) ? here + name : here + QStringLiteral("/" RESTANTE_PARTS_FROM_BIN) + name;
}

std::unique_ptr<Neighbours> makeNeighbours(Neighbours::Listener listener, const QString &file)
{
    QLibrary part(file); // which stays loaded: its threads and types must not lose their code
    if (!part.load())
        return std::make_unique<NoNeighbours>(
            QStringLiteral("The part of Restante that talks to Avahi cannot be loaded: ") + part.errorString());
    const auto make = reinterpret_cast<MakePart>(part.resolve("restante_make_neighbours"));
    if (!make)
        return std::make_unique<NoNeighbours>(QStringLiteral("%1 is not a part of this version of Restante").arg(file));
    return std::unique_ptr<Neighbours>(make(&listener));
}

} // namespace restante::nearby
