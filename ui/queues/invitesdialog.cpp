// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/queues/invitesdialog.h"

#include "base/printable.h"
#include "ui/widgets/columnwidth.h"
#include "ui/widgets/firstsize.h"
#include "ui/widgets/format.h"
#include "ui/widgets/plaintip.h"

#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTreeWidget>
#include <QtWidgets/QVBoxLayout>

namespace restante::ui
{

namespace
{
enum InviteColumn { WhenColumn, InviterColumn, InvitedColumn, RoomColumn, TimesColumn };

QString shownText(const QByteArray &text)
{
    return leftToRight(base::printable(QString::fromUtf8(text)));
}
} // namespace

InvitesDialog::InvitesDialog(const QList<relay::FailedInvite> &invites, const PetNames &names, qint64 nowMs,
                             QWidget *parent)
    : QDialog(parent)
    , m_list(new QTreeWidget)
{
    setWindowTitle(tr("Failed invites"));
    setObjectName(QStringLiteral("invitesDialog"));
    auto *note =
        new QLabel(tr("These invites came while the server of the invited person was away. An invite cannot be "
                      "held: whoever sent it has to invite once more when that server is back."));
    note->setWordWrap(true);
    m_list->setObjectName(QStringLiteral("invites"));
    m_list->setAccessibleName(tr("Failed invites"));
    m_list->setHeaderLabels({tr("Last"), tr("From"), tr("Invited"), tr("Room"), tr("Times")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAlternatingRowColors(true);
    m_list->setAllColumnsShowFocus(true);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    for (const relay::FailedInvite &invite : invites) {
        auto *item =
            new QTreeWidgetItem(m_list, {relativeTime(invite.lastMs, nowMs), shownText(invite.sender),
                                         shownText(invite.invited), shownText(invite.room), countText(invite.times)});
        item->setData(RoomColumn, Qt::UserRole,
                      QStringList{base::printable(QString::fromUtf8(invite.sender)),
                                  base::printable(QString::fromUtf8(invite.invited)),
                                  base::printable(QString::fromUtf8(invite.room))}
                          .join(u'\t'));
        item->setToolTip(WhenColumn, plainTip(exactTime(invite.lastMs)));
        item->setToolTip(InvitedColumn, plainTip(names.called(invite.server.toString())));
        item->setTextAlignment(TimesColumn, Qt::AlignTrailing | Qt::AlignVCenter);
    }
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(RoomColumn, QHeaderView::Stretch);
    setColumnWidth(*m_list, WhenColumn, 14);
    setColumnWidth(*m_list, InviterColumn, 24);
    setColumnWidth(*m_list, InvitedColumn, 24);
    setColumnWidth(*m_list, TimesColumn, 8);
    if (auto *first = m_list->topLevelItem(0))
        m_list->setCurrentItem(first);
    auto *copy = new QAction(tr("&Copy"), this);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &InvitesDialog::copySelected);
    m_list->addAction(copy);
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->button(QDialogButtonBox::Close)->setText(tr("Close"));
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(note);
    layout->addWidget(m_list, 1);
    layout->addWidget(buttons);
    setFirstSize(*this, {fontMetrics().averageCharWidth() * 110, fontMetrics().lineSpacing() * 20});
}

void InvitesDialog::copySelected()
{
    QStringList lines;
    const auto items = m_list->selectedItems();
    for (const auto *item : items)
        lines.append(item->data(RoomColumn, Qt::UserRole).toString());
    QGuiApplication::clipboard()->setText(lines.join(u'\n'));
}

} // namespace restante::ui
