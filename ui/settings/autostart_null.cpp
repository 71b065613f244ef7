// SPDX-License-Identifier: GPL-3.0-or-later
// Where there is no autostart folder.
#include "ui/settings/autostart.h"

namespace restante::ui
{

namespace
{
class NoAutostart final : public Autostart
{
public:
    bool isPossible() const override { return false; }
    State state() const override { return {}; }
    Result<void> setOn(bool on) override
    {
        if (!on)
            return {};
        return {Errc::Io, QStringLiteral("It is not known how programs start at the login here")};
    }
};
} // namespace

std::unique_ptr<Autostart> sessionAutostart(const QString &)
{
    return std::make_unique<NoAutostart>();
}

} // namespace restante::ui
