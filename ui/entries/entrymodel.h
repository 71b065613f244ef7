// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/entries/entrysource.h"
#include "ui/widgets/servernames.h"

#include <QtCore/QAbstractTableModel>

#include <utility>
#include <vector>

namespace restante::ui
{

/// The entries of one queue or of the inbox, in their order. Reads them a page at a time as the view asks for more,
/// never all. Lives in the main thread. Promises: an update changes only the rows that differ, so selection and
/// scrolling stay; only `reload` resets the model.
class EntryModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, From, What, Size, Relay, Delivery, ColumnCount }; ///< the last two if the source names relays
    enum Role {
        FullNameRole = Qt::UserRole, ///< the origin's whole name
    };
    static constexpr int PageSize = 200;

    /// `source` outlives the model.
    explicit EntryModel(EntrySource &source, QObject *parent = nullptr);

    /// The source lists something else now: drops everything and reads the first page.
    void reload();
    /// Brings the beginning up to date, and all that is loaded if the source tells other totals than before, because
    /// a line may come or go anywhere then. `held` is how many entries there are now; called after totals changed.
    void refresh(qint64 held);
    /// Takes rows out at once, for entries that were discarded.
    void forget(const QList<qint64> &ids);
    /// What the source told with the last page; EntryLines::NotTold if it does not.
    qint64 total() const { return m_total; }
    qint64 totalBytes() const { return m_totalBytes; }
    void setPetNames(const PetNames &names);
    /// The moment that relative times are counted from, ms since 1970.
    void setNow(qint64 nowMs);

    const EntryLine *rowAt(const QModelIndex &index) const;
    QModelIndex indexOf(qint64 id) const;

    QString displayText(const QModelIndex &index) const;
    QVariant sortKey(const QModelIndex &index) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

Q_SIGNALS:
    /// A page could not be read. Nothing is asked again by itself; `refresh` tries anew.
    void failed(restante::Error error);
    /// A page has been taken over.
    void loaded();

private:
    /// Where a line stands: lines are in the order of it.
    struct Place {
        qint64 order = 0;
        qint64 id = 0; ///< 0 = before all lines

        friend bool operator<(const Place &left, const Place &right)
        {
            return std::pair(left.order, left.id) < std::pair(right.order, right.id);
        }
    };
    static Place placeOf(const EntryLine &line);

    void request(Place after);
    void take(Place after, const EntryLines &page);
    void upsert(Place after, const EntryLines &page);
    void removeMissing(int first, int last, const QList<EntryLine> &kept);
    void insertOrUpdate(const QList<EntryLine> &rows);
    void removeLines(int begin, int end);
    int lowerBound(Place place) const;
    /// The first line behind that place.
    int behind(Place place) const;
    QString titleOf(Column column) const;
    QString toolTip(const QModelIndex &index) const;

    EntrySource &m_source; ///< not asked by anything that a view calls while it is taken down
    const int m_columns;
    const QString m_timeTitle;
    std::vector<EntryLine> m_rows;  ///< ascending places
    QHash<qint64, qint64> m_orders; ///< by id, if the order is not 0: so an id leads to its place
    PetNames m_names;
    qint64 m_nowMs = 0;
    quint32 m_generation = 0; ///< counts what was listed; an answer for an earlier one is dropped
    qint64 m_total = EntryLines::NotTold;
    qint64 m_totalBytes = EntryLines::NotTold;
    bool m_more = false;
    bool m_fetching = false;
    bool m_stale = false;   ///< something changed while a page was on its way
    bool m_walking = false; ///< the loaded lines are read again, page by page, up to the last
};

} // namespace restante::ui
