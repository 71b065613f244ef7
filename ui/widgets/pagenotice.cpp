// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/pagenotice.h"

#include "ui/widgets/errorwords.h"

#include <QtWidgets/QPushButton>

namespace restante::ui
{

PageNotice::PageNotice(const QString &name, QWidget *parent)
    : NoticeBar(parent)
{
    setObjectName(name);
    hide();
    connect(button(), &QPushButton::clicked, this, &QWidget::hide);
}

void PageNotice::report(const QString &text)
{
    say(Kind::Done, text, {});
}

void PageNotice::warn(const QString &text, const QString &detail)
{
    say(Kind::Warning, text, detail);
}

void PageNotice::fail(const Error &error)
{
    say(Kind::Warning, sentence(error), error.detail);
}

void PageNotice::say(Kind kind, const QString &text, const QString &detail)
{
    setNotice(kind, text, tr("&Hide"), detail);
    show();
}

} // namespace restante::ui
