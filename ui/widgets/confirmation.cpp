// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/confirmation.h"

#include <QtCore/QCoreApplication>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>

namespace restante::ui
{

namespace
{
struct Confirmation {
    Q_DECLARE_TR_FUNCTIONS(Confirmation)
};
} // namespace

void confirm(QWidget *parent, const Question &question, std::function<void()> go)
{
    auto *box = new QMessageBox(QMessageBox::Warning, question.title, question.text, QMessageBox::Cancel, parent);
    box->setObjectName(QStringLiteral("confirmation"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    auto *accept = box->addButton(question.button, QMessageBox::DestructiveRole);
    // Ours, because Qt's own word is English wherever Qt's translations are not installed.
    box->button(QMessageBox::Cancel)->setText(Confirmation::tr("Cancel"));
    box->setDefaultButton(QMessageBox::Cancel);
    box->setEscapeButton(QMessageBox::Cancel);
    QObject::connect(box, &QMessageBox::buttonClicked, parent, [accept, go = std::move(go)](QAbstractButton *clicked) {
        if (clicked == accept)
            go();
    });
    box->open(); // never exec(): at the end of the session nothing may block
}

} // namespace restante::ui
