#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tap.py MODULE...: runs unittest's tests of these modules, and prints TAP."""
import sys
import unittest


class Result(unittest.TestResult):
    def report(self, good, test, trace=""):
        print("ok" if good else "not ok", self.testsRun,
              test.id().replace("_", " "))
        for line in trace.splitlines():
            print("#", line)
        sys.stdout.flush()

    def addSuccess(self, test):
        self.report(True, test)

    def addError(self, test, err):
        super().addError(test, err)
        # setUpModule() is no test, and fails without one.
        self.testsRun += not isinstance(test, unittest.TestCase)
        self.report(False, test, self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.report(False, test, self.failures[-1][1])


suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:])
print(f"1..{suite.countTestCases()}")
result = Result()
suite.run(result)
sys.exit(not result.wasSuccessful())
