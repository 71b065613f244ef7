// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/translation.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QLibraryInfo>
#include <QtCore/QResource>
#include <QtCore/QTranslator>

#include <memory>

// A static library's resources are linked in only if something names them; the macro must be outside a namespace.
static void initialiseTranslations()
{
    Q_INIT_RESOURCE(restante_translations);
}

namespace restante::ui
{

namespace
{
/// Installs the file for `locale` if there is one; the application owns the translator then.
bool install(QCoreApplication &application, const QLocale &locale, const QString &name, const QString &folder)
{
    auto translator = std::make_unique<QTranslator>(&application);
    translator->setObjectName(QStringLiteral("restante"));
    if (!translator->load(locale, name, QStringLiteral("_"), folder))
        return false;
    return QCoreApplication::installTranslator(translator.release());
}
} // namespace

void installTranslations(QCoreApplication &application, const QLocale &locale)
{
    initialiseTranslations();
    qDeleteAll(application.findChildren<QTranslator *>(QStringLiteral("restante"), Qt::FindDirectChildrenOnly));
    QLocale::setDefault(locale);
    const QString own = QStringLiteral(":/i18n");
    const QString restante = QStringLiteral("restante");
    if (!install(application, locale, restante, own)) {
        QLocale::setDefault(QLocale(QLocale::English, locale.territory()));
        install(application, QLocale(QLocale::English), restante, own);
        return;
    }
    // English needs nothing from Qt; elsewhere a missing file leaves Qt's few standard buttons in English.
    if (locale.language() != QLocale::English)
        install(application, locale, QStringLiteral("qtbase"), QLibraryInfo::path(QLibraryInfo::TranslationsPath));
}

} // namespace restante::ui
