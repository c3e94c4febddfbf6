package pomona.torchscript;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Which values share memory in PyTorch, so that a change in place of one is seen through the others. A network changes
 * nothing in place: each change makes a new value, and what shares its memory is made anew when it is next asked for.
 */
final class Aliases {

    /** Memory, or the part of it that a view looks at. */
    private static final class Memory {
        final Memory base;
        final boolean plain;
        final UnaryOperator<Symbol> again;
        final BinaryOperator<Symbol> back;
        final List<Memory> views = new ArrayList<>();
        Supplier<Symbol> now;

        Memory(Symbol symbol, Memory base, boolean plain, UnaryOperator<Symbol> again, BinaryOperator<Symbol> back) {
            this.base = base;
            this.plain = plain;
            this.again = again;
            this.back = back;
            this.now = () -> symbol;
        }
    }

    private final Map<Symbol, Memory> memories = new HashMap<>();

    /** What a value is now, after all changes. */
    Symbol latest(Symbol symbol) {
        Memory memory = memories.get(symbol);
        return memory == null ? symbol : memory.now.get();
    }

    /**
     * Says that a value looks at the memory of another.
     *
     * @param plain whether the elements keep their order and none is left out
     * @param again makes the view of a new base
     * @param back makes the base, of which it is given the old value, with the new values of the view
     */
    void view(Symbol view, Symbol base, boolean plain, UnaryOperator<Symbol> again, BinaryOperator<Symbol> back) {
        if (!view.equals(base) && !memories.containsKey(view)) {
            Memory of = memory(base);
            Memory memory = new Memory(view, of, plain && of.plain, again, back);
            memories.put(view, memory);
            of.views.add(memory);
        }
    }

    /** A value got new values in place. */
    void change(Symbol before, Symbol after) {
        if (before.equals(after)) {
            return;
        }
        Memory changed = memory(before);
        memories.put(after, changed);
        changed.now = () -> after;
        renewViews(changed, null);
        for (Memory part = changed; part.base != null; part = part.base) {
            Memory base = part.base;
            BinaryOperator<Symbol> back = part.back;
            Supplier<Symbol> old = base.now;
            Supplier<Symbol> values = part.now;
            base.now = once(base, () -> back.apply(old.get(), values.get()));
            renewViews(base, part);
        }
    }

    /** Whether the elements of a value lie in its memory without gaps and in their order. */
    boolean isPlain(Symbol symbol) {
        return !memories.containsKey(symbol) || memories.get(symbol).plain;
    }

    private void renewViews(Memory base, Memory except) {
        Supplier<Symbol> now = base.now;
        for (Memory view : base.views) {
            if (view != except) {
                view.now = once(view, () -> view.again.apply(now.get()));
                renewViews(view, null);
            }
        }
    }

    private Supplier<Symbol> once(Memory memory, Supplier<Symbol> made) {
        Symbol[] result = new Symbol[1];
        return () -> {
            if (result[0] == null) {
                result[0] = made.get();
                memories.put(result[0], memory);
            }
            return result[0];
        };
    }

    private Memory memory(Symbol symbol) {
        return memories.computeIfAbsent(symbol, s -> new Memory(s, null, true, null, null));
    }
}
