// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/widgets/servernames.h"

#include <QtWidgets/QDialog>

class QTreeWidget;

namespace restante::ui
{

/// Invites that came to a front door while the server behind it was away: who invited whom to which room, and when.
class InvitesDialog final : public QDialog
{
    Q_OBJECT

public:
    InvitesDialog(const QList<relay::FailedInvite> &invites, const PetNames &names, qint64 nowMs,
                  QWidget *parent = nullptr);

private:
    void copySelected();

    QTreeWidget *m_list;
};

} // namespace restante::ui
