// SPDX-License-Identifier: GPL-3.0-or-later
// Canonical JSON and the scanner: whatever the bytes, both judge alike, and canonical form is a fixed point.
#include "invariant.h"
#include "matrix/canonicaljson.h"
#include "matrix/jsonscan.h"

using namespace restante;
using namespace restante::matrix;

namespace
{

void checkRule(const QByteArray &text, NumberRule rule)
{
    QByteArray canonical;
    const JsonFault fault = canonicalise(text, rule, &canonical);
    const auto result = canonicalJson(text, rule);
    invariant(result.ok() == (fault == JsonFault::None));
    if (fault != JsonFault::None) {
        invariant(result.error().code == Errc::NotJson || result.error().code == Errc::BadJson);
        return;
    }
    invariant(*result == canonical);
    QByteArray again;
    invariant(canonicalise(canonical, rule, &again) == JsonFault::None);
    invariant(again == canonical);
    if (rule == NumberRule::Strict) {
        QByteArray lenient;
        invariant(canonicalise(text, NumberRule::Lenient, &lenient) == JsonFault::None);
        invariant(lenient == canonical);
    }
}

void checkSlices(const JsonSlice &slice, int depth)
{
    invariant(!slice.text.isEmpty());
    QByteArray canonical;
    invariant(canonicalise(slice.text, NumberRule::Lenient, &canonical) == JsonFault::None);
    if (const auto text = slice.toText())
        invariant(jsonString(*text) == canonical);
    if (const auto integer = slice.toInteger())
        invariant(QByteArray::number(*integer) == canonical);
    if (depth == 0)
        return;
    const auto elements = elementsOf(slice, 50);
    invariant(countElements(slice) >= qsizetype(elements.size()));
    for (const JsonSlice &element : elements)
        checkSlices(element, depth - 1);
    for (const JsonMember &member : membersOf(slice))
        checkSlices(member.value, depth - 1);
}

void checkScan(const QByteArray &text)
{
    QByteArray canonical;
    const JsonFault fault = canonicalise(text, NumberRule::Lenient, &canonical);
    const auto object = ScannedObject::scan(text);
    if (!object) {
        invariant(fault == JsonFault::None ? object.error().code == Errc::BadJson && !canonical.startsWith('{')
                                           : object.error().code == describe(fault).code);
        return;
    }
    invariant(fault == JsonFault::None);
    invariant(canonical.startsWith('{'));
    invariant(object->isCanonical() == (canonical == text));
    for (const JsonMember &member : object->members()) {
        invariant(object->find(member.key) == &member.value);
        checkSlices(member.value, 3);
    }
    const auto tidy = ScannedObject::scan(canonical);
    invariant(tidy.ok() && tidy->isCanonical() && tidy->members().size() == object->members().size());
    invariant(tidy->hasFloats() == object->hasFloats());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray text(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size));
    for (const NumberRule rule : {NumberRule::Strict, NumberRule::Lenient, NumberRule::Python})
        checkRule(text, rule);
    checkScan(text);
    QByteArray canonical;
    const bool good = canonicalise(text, NumberRule::Lenient, &canonical) == JsonFault::None;
    const QByteArray indented = indentedJson(text);
    QByteArray again;
    if (good)
        invariant(canonicalise(indented, NumberRule::Lenient, &again) == JsonFault::None && again == canonical);
    else
        invariant(indented == text);
    return 0;
}
