// SPDX-License-Identifier: GPL-3.0-or-later
// The details column: the call step by step, and the facts of its recording.
#pragma once

#include "core/archive/archive.h"

#include <QWidget>

#include <optional>

class QLabel;

namespace sr::widgets {
class FactLabel;
class Notice;
class SectionHead;
class Theme;
} // namespace sr::widgets

namespace sr::player {

class FlowView;

class DetailsPanel final : public QWidget {
    Q_OBJECT
public:
    explicit DetailsPanel(const widgets::Theme& theme, QWidget* parent = nullptr);

    void showNothing();
    void showRow(const archive::RecordingRow& row); ///< at once, until the sidecar is read
    void showDetails(const archive::Recording& recording);
    void showFault(const Error& error);
    void setIntegrity(std::optional<archive::Integrity> integrity);

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    QString facts() const;

    std::optional<archive::RecordingRow> m_row;
    std::optional<archive::Recording> m_recording;
    std::optional<Error> m_fault;
    std::optional<archive::Integrity> m_integrity;
    widgets::SectionHead* m_callHead;
    FlowView* m_flow;
    QLabel* m_hint;
    widgets::SectionHead* m_factsHead;
    widgets::Notice* m_alarm;
    widgets::FactLabel* m_facts;
    QWidget* m_content;
};

} // namespace sr::player
