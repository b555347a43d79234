import signal
import sys

if __name__ == "__main__":  # and not in a process that serves, which imports this module, too
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while nothing runs yet that would have to be stopped
    from todoproject.development.run import main

    sys.exit(main())
