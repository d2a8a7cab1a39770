// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of a call along a line: time, words, a dot each.
#pragma once

#include <QString>
#include <QWidget>

#include <vector>

namespace sr::widgets {
class Theme;
}

namespace sr::player {

struct FlowLine {
    QString time;
    QString words;
};

class FlowView final : public QWidget {
    Q_OBJECT
public:
    explicit FlowView(const widgets::Theme& theme, QWidget* parent = nullptr);
    void setLines(std::vector<FlowLine> lines);
    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int textLeft() const;
    int lineHeight(const FlowLine& line, int width) const;

    const widgets::Theme& m_theme;
    std::vector<FlowLine> m_lines;
};

} // namespace sr::player
