// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing: the target that has it compiles what all tests include before them (CMakeLists.txt).
int main()
{
    return 0;
}
