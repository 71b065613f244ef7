// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/entries/deliverywords.h"

#include "base/printable.h"
#include "ui/widgets/format.h"

#include <QtCore/QCoreApplication>

namespace restante::ui
{

namespace
{
struct DeliveryWords {
    Q_DECLARE_TR_FUNCTIONS(DeliveryWords)
};

using Stage = node::Delivery::State;

QString stageSentence(Stage stage)
{
    switch (stage) {
    case Stage::Off:
        return DeliveryWords::tr("It stays here: no homeserver is set that it could be delivered to.");
    case Stage::Waiting:
        return DeliveryWords::tr("It waits for its turn.");
    case Stage::After:
        return DeliveryWords::tr("It waits for other mail, which has to be delivered first.");
    case Stage::Sending:
        return DeliveryWords::tr("It is being delivered to the homeserver.");
    case Stage::NoKey:
        return DeliveryWords::tr("It waits for its sender's key: without it the homeserver cannot check who sent it.");
    case Stage::Busy:
        return DeliveryWords::tr("The homeserver asked for a pause before it takes more from this sender.");
    case Stage::Failing:
        return DeliveryWords::tr("The homeserver failed over it, and gets it once more.");
    case Stage::Stopped:
        return DeliveryWords::tr("It waits for the homeserver, which cannot be reached.");
    case Stage::Parked:
        return DeliveryWords::tr(
            "The homeserver does not take it. It was set aside, and other mail goes on. Deliver it "
            "again once the reason is gone, or discard it.");
    case Stage::Later:
        return DeliveryWords::tr("It waits until the homeserver has forgotten other mail that had the same number.");
    case Stage::NoProof:
        return DeliveryWords::tr(
            "It came without its sender's signature, and no homeserver takes it without that. It was "
            "set aside; a copy that has one may still come.");
    case Stage::EventsOnly:
        return DeliveryWords::tr(
            "It came without its sender's signature. Its messages were delivered all the same, as the settings allow "
            "for this relay and sender; the rest waits for a copy that has a signature.");
    }
    return {};
}
} // namespace

QString deliveryText(const node::Delivery &delivery)
{
    switch (delivery.state) {
    case Stage::Off:
        break;
    case Stage::Waiting:
        return DeliveryWords::tr("Waits its turn");
    case Stage::After:
        return DeliveryWords::tr("Waits for other mail");
    case Stage::Sending:
        return DeliveryWords::tr("Being delivered");
    case Stage::NoKey:
        return DeliveryWords::tr("Waits for a key");
    case Stage::Busy:
        return DeliveryWords::tr("Waits: pause");
    case Stage::Failing:
        return DeliveryWords::tr("Failed, goes again");
    case Stage::Stopped:
        return DeliveryWords::tr("Waits: homeserver away");
    case Stage::Parked:
        return DeliveryWords::tr("Set aside: refused");
    case Stage::Later:
        return DeliveryWords::tr("Waits for a day");
    case Stage::NoProof:
        return DeliveryWords::tr("Set aside: unsigned");
    case Stage::EventsOnly:
        return DeliveryWords::tr("Delivered in part");
    }
    return {};
}

Shape deliveryShape(Stage state)
{
    switch (state) {
    case Stage::Off:
        return Shape::Square;
    case Stage::Waiting:
    case Stage::After:
        break;
    case Stage::Sending:
        return Shape::Arrows;
    case Stage::Busy:
    case Stage::Later:
    case Stage::NoKey:
    case Stage::Stopped:
    case Stage::EventsOnly:
        return Shape::Bars;
    case Stage::Failing:
        return Shape::Triangle;
    case Stage::Parked:
    case Stage::NoProof:
        return Shape::Cross;
    }
    return Shape::Ring;
}

QString deliverySentence(const node::Delivery &delivery)
{
    QString text = stageSentence(delivery.state);
    if (!delivery.reason.isEmpty())
        //: A sentence, and the reason, in English
        text = DeliveryWords::tr("%1 The reason: %2.").arg(text, base::printable(delivery.reason));
    if (delivery.nextMs > 0)
        //: A sentence, and a date and time
        text = DeliveryWords::tr("%1 Tried again by itself on %2.").arg(text, shortTime(delivery.nextMs));
    if (delivery.sinceMs > 0)
        //: A sentence, and a date and time
        text = DeliveryWords::tr("%1 Since %2.").arg(text, shortTime(delivery.sinceMs));
    return text;
}

} // namespace restante::ui
