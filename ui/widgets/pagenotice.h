// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ui/widgets/noticebar.h"

namespace restante::ui
{

/// What a page has to say about the last thing that was asked of it. Hidden until there is something, and when the
/// operator has read it.
class PageNotice final : public NoticeBar
{
    Q_OBJECT

public:
    explicit PageNotice(const QString &name, QWidget *parent = nullptr);

    /// It was done, or this is the state of it.
    void report(const QString &text);
    /// It was done, but not as hoped. `detail` is shown on hover.
    void warn(const QString &text, const QString &detail = {});
    /// It could not be done.
    void fail(const Error &error);

private:
    void say(Kind kind, const QString &text, const QString &detail);
};

} // namespace restante::ui
