package pomona.pass;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Lists the techniques of a family, on its package. The first one is what the family does when no method is named.
 *
 * <p>A technique's method name is its record's name without the family's ending, in kebab case: {@code
 * MagnitudePruning} is {@code method: magnitude} of {@code prune}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PACKAGE)
public @interface Techniques {

    /** The ending that every record of the family has, such as {@code Pruning}. */
    String ending();

    /**
     * Other words for the method and for options, such as {@code scheme=method}, where the family has a second way to
     * write them. The first of them tells that a line or an entry is written in them; others that are names of nothing in
     * the family are understood in any case.
     */
    String[] otherWords() default {};

    /** The records, the default one first. */
    Class<? extends Pass>[] value();
}
